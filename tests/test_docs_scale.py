"""The files that docs/scale.md offers are what KubeRay and Ray take, and its figures are printed.

The schema below holds what KubeRay's definition of a RayJob, version ray.io/v1, says of the fields
that our file uses: names, types, which must be there (rayjob_types.go and raycluster_types.go of
ray-project/kuberay); of pods, what Kubernetes says of them. It takes no other field.
"""

import copy
import json
from pathlib import Path

import pytest
import scale_plan

yaml = pytest.importorskip("yaml")
jsonschema = pytest.importorskip("jsonschema")

DOCS = Path(__file__).parent.parent / "docs"
TEXT, NUMBER, FLAG = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}
TEXTS = {"type": "object", "additionalProperties": TEXT}
# How Kubernetes writes quantities: 16, 500m, 24Gi.
QUANTITY = {"anyOf": [NUMBER, {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?(m|[kMGTPE]i?)?$"}]}
QUANTITIES = {"type": "object", "additionalProperties": QUANTITY}


def record(needed=(), **fields):
    return {
        "type": "object",
        "properties": fields,
        "required": list(needed),
        "additionalProperties": False,
    }


def many(item, **limits):
    return {"type": "array", "items": item, **limits}


NAMED = record(["name"], name=TEXT)
CONTAINER = record(
    ["name"],
    name=TEXT,
    image=TEXT,
    ports=many(record(["containerPort"], containerPort=NUMBER, name=TEXT)),
    resources=record(requests=QUANTITIES, limits=QUANTITIES),
    env=many(record(["name"], name=TEXT, value=TEXT)),
    envFrom=many(record(secretRef=NAMED, configMapRef=NAMED)),
    volumeMounts=many(record(["name", "mountPath"], name=TEXT, mountPath=TEXT, readOnly=FLAG)),
)
POD = record(
    spec=record(
        ["containers"],
        containers=many(CONTAINER, minItems=1),
        volumes=many(record(["name"], name=TEXT, configMap=NAMED)),
        nodeSelector=TEXTS,
    )
)
WORKERS = record(
    ["groupName", "minReplicas", "maxReplicas", "rayStartParams", "template"],
    groupName=TEXT,
    replicas=NUMBER,
    minReplicas=NUMBER,
    maxReplicas=NUMBER,
    rayStartParams=TEXTS,
    template=POD,
)
CLUSTER = record(
    ["headGroupSpec"],
    rayVersion=TEXT,
    enableInTreeAutoscaling=FLAG,
    autoscalerOptions=record(
        idleTimeoutSeconds=NUMBER,
        upscalingMode={"enum": ["Default", "Aggressive", "Conservative"]},
    ),
    headGroupSpec=record(["rayStartParams", "template"], rayStartParams=TEXTS, template=POD),
    workerGroupSpecs=many(WORKERS),
)
RAY_JOB = record(
    ["apiVersion", "kind", "metadata", "spec"],
    apiVersion={"const": "ray.io/v1"},
    kind={"const": "RayJob"},
    metadata=record(["name"], name=TEXT, namespace=TEXT),
    spec=record(
        entrypoint=TEXT,
        backoffLimit=NUMBER,
        activeDeadlineSeconds=NUMBER,
        shutdownAfterJobFinishes=FLAG,
        ttlSecondsAfterFinished=NUMBER,
        submissionMode={"enum": ["K8sJobMode", "HTTPMode", "InteractiveMode"]},
        rayClusterSpec=CLUSTER,
    ),
)


@pytest.fixture
def job():
    return yaml.safe_load((DOCS / "kubernetes" / "rayjob.yaml").read_text(encoding="utf-8"))


def test_the_job_for_kubernetes_is_one(job):
    jsonschema.Draft202012Validator.check_schema(RAY_JOB)
    jsonschema.validate(job, RAY_JOB)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("spec", "rayClusterSpec", "workerGroupSpecs", 0, "minReplicas"), "0"),
        (("spec", "rayClusterSpec", "workerGroupSpecs", 0, "maxReplica"), 3),
        (("spec", "rayClusterSpec", "headGroupSpec", "rayStartParams", "num-cpus"), 0),
        (("spec", "shutdownAfterJobFinishes"), "yes"),
        (("apiVersion",), "ray.io/v1alpha1"),
    ],
    ids=lambda value: str(value[-1]) if isinstance(value, tuple) else "",
)
def test_a_job_with_a_fault_is_none(job, path, value):
    wrong = copy.deepcopy(job)
    place = wrong
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, RAY_JOB)


def test_each_kubernetes_worker_has_what_the_engine_asks_for(job):
    from trendcolor.config import EngineConfig

    (group,) = job["spec"]["rayClusterSpec"]["workerGroupSpecs"]
    asked = group["template"]["spec"]["containers"][0]["resources"]["requests"]
    each = EngineConfig().memory + 200e6  # Ray's own
    assert asked["memory"].endswith("Gi")
    # Ray offers 70 % of a machine's memory, the rest is of its store of objects.
    assert int(asked["cpu"]) * each <= int(asked["memory"][:-2]) * 2**30
    assert int(asked["cpu"]) * EngineConfig().memory <= 0.7 * int(asked["memory"][:-2]) * 2**30


def test_the_cluster_for_rays_launcher_is_one():
    ray = pytest.importorskip("ray")
    schema = Path(ray.__file__).parent / "autoscaler" / "ray-schema.json"
    cluster = yaml.safe_load((DOCS / "ray-cluster.yaml").read_text(encoding="utf-8"))
    jsonschema.validate(cluster, json.loads(schema.read_text(encoding="utf-8")))
    assert cluster["head_node_type"] in cluster["available_node_types"]


def test_the_plan_of_the_docs_is_the_one_that_the_script_prints(capsys):
    scale_plan.main([])
    printed = capsys.readouterr().out.strip()
    assert printed in (DOCS / "scale.md").read_text(encoding="utf-8")


def test_a_plan_is_worked_out_from_its_factors():
    costs = scale_plan.Costs(
        photos=3.6e6, days=1 / 24, decode_ms=10, network_ms=60, rest_ms=30, overhead=0.0, gpu_ms=2.0
    )
    rows = {row.what: row.value for row in scale_plan.plan(costs)}
    # 3.6 million photos of 100 ms are 100 hours of a core, in one hour 100 cores.
    assert rows["core-hours"] == "100"
    assert rows["cores for those days"] == "100"
    assert rows["with GPUs: GPU-hours"] == "2"
    assert rows["with GPUs: cores that feed one"] == "20"
    assert (rows["runs"], rows["shards"], rows["shards of a run"]) == ("1", "72", "72")
