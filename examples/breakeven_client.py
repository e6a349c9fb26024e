"""Sends checkpoints to `breakeven serve --measure FILE`, while training goes on."""
import io, json, urllib.error, urllib.request
from concurrent.futures import ThreadPoolExecutor

import torch

_one_at_a_time = ThreadPoolExecutor(1)


def _send(url, body, token):
    request = urllib.request.Request(url, body, {"Authorization": f"Bearer {token}"} if token else {})
    try:
        return json.load(urllib.request.urlopen(request))
    except urllib.error.HTTPError as e:
        raise RuntimeError(f"{url}: {e.read().decode()}") from None
    except urllib.error.URLError as e:
        raise RuntimeError(f"{url}: {e.reason}; begin `breakeven serve --measure FILE` first") from None


def measure(model, name, step, lr, server="http://127.0.0.1:8731", token=None):
    """Returns a Future of {"step": …, "values": {"h_max": {"value": …, "error": …}, …}, …}."""
    body = io.BytesIO()
    torch.save(model.state_dict(), body)  # a copy: training may change the weights meanwhile
    rate = f"&lr={lr}" if lr > 0 else ""  # at the end of some schedules it is 0
    return _one_at_a_time.submit(_send, f"{server}/measure/{name}?step={step}{rate}", body.getvalue(), token)
