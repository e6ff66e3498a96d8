"""DynamoDB engines to run on, and what each of them gets wrong.

``open_engine`` starts one by name; ``engine_lacks`` tells whether an engine can show a feature at all.
"""

from parity.engines.base import Engine, EngineError
from parity.engines.gaps import FEATURES, GAPS, Gap, closed_gaps, engine_lacks, gaps_of
from parity.engines.opening import ENGINE_NAMES, installed_engines, open_engine

__all__ = [
    "ENGINE_NAMES",
    "FEATURES",
    "GAPS",
    "Engine",
    "EngineError",
    "Gap",
    "closed_gaps",
    "engine_lacks",
    "gaps_of",
    "installed_engines",
    "open_engine",
]
