"""Runs of the committed addition model, for all tests of the player."""

import pytest

from npi_tf import player
from npi_tf import runner
from tests.npi_tf import player_pages


@pytest.fixture(scope="session")
def run_network(preset_model):
    """Runs one problem with its trace."""
    run = runner.Runner(preset_model, "addition")

    def one(problem, **kwargs):
        return run([problem], trace=True, **kwargs)[0]

    return one


@pytest.fixture(scope="session")
def network_page(run_network, preset_model, tmp_path_factory):
    """The page of 96 + 125, and the run that it shows."""
    path = tmp_path_factory.mktemp("player") / "run.html"
    run = run_network(player_pages.PROBLEM)
    player.write_html(
        path,
        player_pages.ADDITION,
        player_pages.PROBLEM,
        run.trace,
        preset_model.programs,
        status=run.status,
    )
    return path, run
