"""`python -m services`: all three in one process, each on a port of its own."""

from services.inventory_service.application import create_app as inventory
from services.order_service.application import create_app as orders
from services.shared.serving import Service, load, opened, serve
from services.shared.settings import ServiceSettings
from services.user_service.application import create_app as users


def main() -> None:
    """Serve until SIGINT or SIGTERM."""
    settings = load(ServiceSettings)
    with opened() as connection:
        services = [
            Service("user_service", users(settings, connection), settings.user_port),
            Service("inventory_service", inventory(settings, connection), settings.inventory_port),
            Service("order_service", orders(settings, connection), settings.order_port),
        ]
        serve(services, settings)


if __name__ == "__main__":
    main()
