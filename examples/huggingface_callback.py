"""A callback of Hugging Face's Trainer: Trainer(…, callbacks=[Breakeven("digits")])."""
import transformers
from breakeven_client import measure


class Breakeven(transformers.TrainerCallback):
    def __init__(self, name, every=100, keys=("k_max", "h_max", "critical_sharpness", "noise_scale_unbiased"), **server):
        self.name, self.every, self.keys, self.server, self.pending = name, every, keys, server, []

    def on_step_end(self, args, state, control, model=None, optimizer=None, **others):
        if state.is_world_process_zero and state.global_step % self.every == 0:
            self.pending.append(measure(model, self.name, state.global_step, optimizer.param_groups[0]["lr"], **self.server))
        self.log_finished(state, [p for p in self.pending if p.done()])

    def on_train_end(self, args, state, control, **others):
        self.log_finished(state, list(self.pending))

    def log_finished(self, state, finished):
        for p in finished:
            self.pending.remove(p)
            answer = p.result()
            values = {f"breakeven/{k}": answer["values"][k]["value"] for k in self.keys if k in answer["values"]}
            state.log_history.append({"step": answer["step"], **values})
