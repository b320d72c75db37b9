import os
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
# Workers and command lines import the toy suite by name.
sys.path.insert(0, str(HERE))


@pytest.fixture
def hvsim_env():
    return {**os.environ, "PYTHONPATH": str(HERE), "COLUMNS": "200", "NO_COLOR": "1"}


@pytest.fixture
def programs():
    return HERE / "programs"
