"""A small run of looks whose card says that real people are in them, for the page's tests."""

from looks import write_config, write_looks

N_LOOKS = 24
# So few sources that some of this run may be told.
FEW = '\n[analysis]\nmin_cell = 3\nmin_cell_reason = "made up for a test"\n'


def make_run(folder):
    """The run folder of `N_LOOKS` looks of as many sources, in two seasons and two regions."""
    write_looks(folder, N_LOOKS)
    card = (folder / "card.toml").read_text(encoding="utf-8")
    for old, new in (
        ('people = "synthetic"', 'people = "real"'),
        ('"model-training"]', '"model-training", "publication"]'),
        (
            'consent_basis = "not-needed"',
            'consent_basis = "consent"\nconsent_scope = "these tests"\n'
            'consent_purposes = ["research", "publication"]',
        ),
    ):
        assert old in card
        card = card.replace(old, new)
    (folder / "card.toml").write_text(card, encoding="utf-8")
    from trendcolor.api.jobs import run as finish  # heavy, and not all tests make a run

    config = write_config(folder, shard_photos=N_LOOKS, more=FEW)
    return finish(config, out=folder / "run").folder
