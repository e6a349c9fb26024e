"""A loop of plain PyTorch that prints what `breakeven serve --measure digits.yaml` finds."""
import numpy, torch
from breakeven_client import measure

data = numpy.load("digits.npz")
x, y = torch.from_numpy(data["x"]), torch.from_numpy(data["y"])
model = torch.nn.Sequential()
for i, (n, m) in enumerate([(64, 32), (32, 16), (16, 10)], 1):
    model.add_module(f"fc{i}", torch.nn.Linear(n, m))
    if i < 3:
        model.add_module(f"relu{i}", torch.nn.ReLU())
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
answers = []
for step in range(301):
    if step % 100 == 0:
        answers.append(measure(model, "digits", step, lr=0.1))
    batch = torch.randint(len(x), (32,))
    optimizer.zero_grad()
    torch.nn.functional.cross_entropy(model(x[batch]), y[batch]).backward()
    optimizer.step()
for answer in (a.result() for a in answers):
    print(answer["step"], {k: v["value"] for k, v in answer["values"].items() if k in ("k_max", "h_max", "critical_sharpness", "noise_scale_unbiased")})
