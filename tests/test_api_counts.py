from garment_rows import BLACK, GREEN, WHITE
from report_runs import built_run, people


def test_a_public_answer_names_no_shade_of_which_it_tells_nothing(tmp_path):
    run = built_run(tmp_path / "run", [*people(BLACK, 60), *people(WHITE, 30), *people(GREEN, 3)])
    green = "#15b01a"
    assert green in run.shares(colors="shade")["shade"].to_list()
    parts = {"region": "EU"}, {"region": "EU"}
    for disclosure, is_named in (("raw", True), ("public", False)):
        answers = [
            run.shares(colors="shade", disclosure=disclosure)["shade"],
            run.shares("season", colors="shade", disclosure=disclosure)["shade"],
            run.patterns("shade", disclosure=disclosure)["shade"],
            run.compare(*parts, colors="shade", overall=False, disclosure=disclosure)["shade"],
        ]
        assert [green in answer.to_list() for answer in answers] == [is_named] * 4
    public = run.shares(colors="shade", disclosure="public")
    assert public["shade"].null_count() == public["share"].null_count() > 0
    assert "#000000" in public["shade"].to_list()
