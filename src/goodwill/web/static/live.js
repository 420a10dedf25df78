// Moves the bars of a job while it is at work, says each new step once, and goes to the result when it is done.
"use strict";
(() => {
  const steps = document.getElementById("steps");
  if (!steps || !steps.dataset.number) return;
  const number = Number(steps.dataset.number);
  const said = document.getElementById("said");
  const elapsed = document.getElementById("elapsed");
  const EVERY = 500; // milliseconds
  let spoken = "";

  function line(step) {
    const item = document.createElement("li");
    item.dataset.step = step.name;
    const label = document.createElement("label");
    const count = document.createElement("span");
    count.className = "soft";
    label.append(step.called + " ", count, document.createElement("progress"));
    item.append(label);
    steps.append(item);
    return item;
  }

  function show(job) {
    document.getElementById("beginning")?.remove();
    const there = new Map([...steps.children].map((item) => [item.dataset.step, item]));
    for (const step of job.steps) {
      const item = there.get(step.name) || line(step);
      item.querySelector("span").textContent = `${step.done} of ${step.of}`;
      const bar = item.querySelector("progress");
      bar.max = step.of || 1;
      bar.value = step.of ? step.done : 1;
    }
    elapsed.textContent = job.elapsed;
    const last = job.steps.at(-1);
    if (last && last.called !== spoken) {
      spoken = last.called;
      said.textContent = spoken;
    }
  }

  async function look() {
    let job;
    try {
      const answer = await fetch("/jobs.json", { headers: { accept: "application/json" }, redirect: "error" });
      job = await answer.json();
    } catch {
      said.textContent = "The server does not answer. Trying again.";
      setTimeout(look, 4 * EVERY);
      return;
    }
    if (job.number === number && job.state === "running") {
      if (job.steps.length) show(job);
      setTimeout(look, EVERY);
    } else if (job.number === number && job.state === "done") {
      location.assign(job.goes_to);
    } else {
      location.reload();
    }
  }
  setTimeout(look, EVERY);
})();
