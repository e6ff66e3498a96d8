"""`python -m services.order_service`: serve until SIGINT or SIGTERM."""

from services.order_service.application import create_app
from services.shared.serving import Service, load, opened, serve
from services.shared.settings import ServiceSettings


def main() -> None:
    """Serve."""
    settings = load(ServiceSettings)
    with opened() as connection:
        serve([Service("order_service", create_app(settings, connection), settings.order_port)], settings)


if __name__ == "__main__":
    main()
