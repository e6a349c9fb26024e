"""A callback of Lightning that logs curvature and gradient noise: Trainer(callbacks=[Breakeven("digits")])."""
import lightning
from breakeven_client import measure


class Breakeven(lightning.Callback):
    def __init__(self, name, every=100, keys=("k_max", "h_max", "critical_sharpness", "noise_scale_unbiased"), **server):
        self.name, self.every, self.keys, self.server, self.pending = name, every, keys, server, []

    def on_train_batch_end(self, trainer, module, outputs, batch, batch_idx):
        if trainer.is_global_zero and trainer.global_step % self.every == 0:
            lr = trainer.optimizers[0].param_groups[0]["lr"]
            self.pending.append(measure(module, self.name, trainer.global_step, lr, **self.server))
        self.log_finished(trainer, [p for p in self.pending if p.done()])

    def on_train_end(self, trainer, module):
        self.log_finished(trainer, list(self.pending))

    def log_finished(self, trainer, finished):
        for p in finished:
            self.pending.remove(p)
            answer = p.result()
            values = {f"breakeven/{k}": answer["values"][k]["value"] for k in self.keys if k in answer["values"]}
            for logger in trainer.loggers:
                logger.log_metrics(values, answer["step"])
