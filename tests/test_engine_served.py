from dataclasses import replace

import pytest
from looks import write_config, write_looks
from slow_looks import unreadable_weights

from trendcolor.engine.kept import KeptProcess
from trendcolor.engine.plan import plan
from trendcolor.engine.served import ServedRun, check_machine, told
from trendcolor.engine.shards import ShardWork
from trendcolor.errors import EngineError, ModelError
from trendcolor.runs import FolderStore, prepare_run_folder


@pytest.fixture
def prepared(tmp_path):
    """A run of two looks whose pipeline can't be built, with its index."""
    planned = plan(write_config(write_looks(tmp_path / "data", 2), shard_photos=1))
    folder = tmp_path / "run"
    prepare_run_folder(folder, planned.header, fresh=False)
    planned.shards.copy_to(FolderStore(folder))
    work = ShardWork.of(unreadable_weights, folder, planned.header, planned.shards)
    return ServedRun(work, planned.config, planned.header)


def test_a_machine_that_fits_is_taken(prepared):
    check_machine(prepared)


def test_a_machine_with_other_code_is_refused(prepared):
    other = replace(prepared, header=replace(prepared.header, code_hash="0" * 64))
    with pytest.raises(EngineError, match=r"has another trendcolor \(install .* there\)"):
        check_machine(other)


def test_a_machine_that_does_not_see_the_run_is_refused(prepared, tmp_path):
    other = replace(prepared, work=replace(prepared.work, place=tmp_path / "elsewhere"))
    with pytest.raises(EngineError, match=r"does not see the run .*elsewhere .*s3://bucket/run"):
        check_machine(other)


def test_a_machine_that_does_not_see_the_photos_is_refused(prepared, tmp_path):
    section = replace(prepared.config.data[0], root=tmp_path / "gone")
    other = replace(prepared, config=replace(prepared.config, data=(section,)))
    with pytest.raises(EngineError, match=r"does not see the photos .*gone \(data.root\)"):
        check_machine(other)


def test_a_machine_with_another_runtime_is_refused(prepared):
    segmentation = replace(prepared.config.segmentation, source="model", runtime="pytorch")
    other = replace(prepared, config=replace(prepared.config, segmentation=segmentation))
    with pytest.raises(EngineError, match=r"has pytorch-.* the driver none with none"):
        check_machine(other)


def test_a_pattern_of_files_is_looked_for_by_its_folder(prepared, tmp_path):
    def with_root(root):
        section = replace(prepared.config.data[0], root=root)
        return replace(prepared, config=replace(prepared.config, data=(section,)))

    check_machine(with_root(tmp_path / "shard-{000..041}.tar"))
    with pytest.raises(EngineError, match="does not see the photos"):
        check_machine(with_root(tmp_path / "gone" / "shard-*.tar"))


def test_an_error_in_place_of_a_receipt_is_raised_as_it_is(prepared):
    kept = KeptProcess(prepared.errand())
    try:
        answer = kept.ask(0)
    finally:
        kept.close()
    with pytest.raises(ModelError, match="damaged weights"):
        told(answer)
