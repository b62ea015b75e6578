"""Stores that tests make up: one that answers as it is told, and servers that speak S3 and HTTP."""

import threading
from collections import Counter
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import fsspec
from fsspec.implementations.memory import MemoryFileSystem

TOGETHER = 30.0  # seconds to wait for reads that should come together; far more than they take


class MoodyFileSystem(MemoryFileSystem):
    """Files in memory under `moody://`; some answers are errors, some wait for others to come."""

    protocol = "moody"
    store: dict = {}  # noqa: RUF012 # fsspec's own way: one for all instances
    pseudo_dirs = [""]  # noqa: RUF012
    moods: dict = {}  # noqa: RUF012 # path to the errors of its next reads; None is none
    reads = Counter()  # noqa: RUF012
    gate = None  # a barrier that each read waits at

    @classmethod
    def _strip_protocol(cls, path):
        return super()._strip_protocol(path.removeprefix("moody:/"))

    @classmethod
    def reset(cls):
        """Forget everything."""
        cls.store.clear()
        cls.moods.clear()
        cls.reads.clear()
        cls.gate = None

    def cat_file(self, path, start=None, end=None, **kwargs):
        """As any; counts, waits and fails as it is told."""
        path = self._strip_protocol(path)
        type(self).reads[path] += 1
        if self.gate is not None:
            self.gate.wait(TOGETHER)
        mood = self.moods.get(path, [])
        error = mood.pop(0) if mood else None
        if error is not None:
            raise error
        return super().cat_file(path, start=start, end=end, **kwargs)


fsspec.register_implementation("moody", MoodyFileSystem, clobber=True)


@contextmanager
def s3_server(monkeypatch, *, bucket="bucket"):
    """An S3 server of this machine, empty but for a bucket, that the environment names."""
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    settings = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "made-up",
        "AWS_SECRET_ACCESS_KEY": "made-up",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    try:
        client = boto3.client("s3")
        client.create_bucket(Bucket=bucket)
        yield client
        client.close()
    finally:
        fsspec.get_filesystem_class("s3").clear_instance_cache()
        server.stop()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@contextmanager
def web_server(folder):
    """An HTTP server of a folder; gives its address."""

    def handler(*arguments):
        return _Quiet(*arguments, directory=str(folder))

    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
