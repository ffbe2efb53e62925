// One task: its deadline, what the pupil can do with it, what came of it.
import React, { useState } from "react";

import type { Desk } from "./desk";
import type { Finding, Receipt, Server, Task, Work } from "./server";
import { points, type Say, type Word } from "./words";

interface Properties {
  task: Task;
  server: Server;
  desk: Desk;
  say: Say;
  language: string;
  /** Writes a moment as people read it. */
  when: (moment: string) => string;
  /** Looks at the tasks again. */
  onChange: () => Promise<void>;
}

/** What came of the button that was pressed last. */
interface Outcome {
  got?: boolean;
  findings?: Finding[];
  receipt?: Receipt;
  problem?: string;
}

const HTML_VIEWER = "HTML Viewer";

export function TaskCard(properties: Properties): React.JSX.Element {
  const { task, server, desk, say, when, onChange } = properties;
  const [busy, setBusy] = useState<Word | null>(null);
  const [outcome, setOutcome] = useState<Outcome>({});

  const act = async (meanwhile: Word, action: () => Promise<Outcome>): Promise<void> => {
    setBusy(meanwhile);
    setOutcome({});
    try {
      setOutcome(await action());
    } catch (error) {
      setOutcome({ problem: (error as Error).message });
    }
    setBusy(null);
  };
  const get = async (): Promise<Outcome> => {
    await server.get(task.name);
    await onChange();
    return { got: true };
  };
  const check = async (): Promise<Outcome> => {
    await desk.save(task.name);
    return { findings: await server.check(task.name) };
  };
  const handIn = async (): Promise<Outcome> => {
    await desk.save(task.name);
    const receipt = await server.handIn(task.name);
    await onChange();
    return { receipt };
  };
  const readFeedback = async (work: Work): Promise<Outcome> => {
    let found: Work | undefined = work;
    if (work.feedback === "ready") {
      await server.fetchFeedback(task.name);
      await onChange();
      const lesson = await server.lesson();
      found = lesson.tasks
        .find(one => one.name === task.name)
        ?.works.find(one => one.receipt === work.receipt);
    }
    for (const page of found?.pages ?? []) {
      await desk.open(page.path, HTML_VIEWER);
    }
    return {};
  };

  const button = (word: Word, meanwhile: Word, action: () => Promise<Outcome>, kind = "") => (
    <button
      type="button"
      className={`jp-mod-styled ${kind}`}
      disabled={busy !== null}
      onClick={() => void act(meanwhile, action)}
    >
      {say(word)}
    </button>
  );
  const newest = task.works[0];
  return (
    <li className="tp-task" data-task={task.name} aria-busy={busy !== null}>
      <h3>{task.name}</h3>
      <Deadline {...properties} />
      {task.here && (
        <ul className="tp-notebooks">
          {task.notebooks.map(notebook => (
            <li key={notebook.path}>
              <button
                type="button"
                className="tp-open"
                aria-label={`${say("open")}: ${notebook.name}`}
                onClick={() => void desk.open(notebook.path)}
              >
                {notebook.name}
              </button>
            </li>
          ))}
        </ul>
      )}
      <div className="tp-buttons">
        {!task.here && button("get", "getting", get, "jp-mod-accept")}
        {task.here && button("check", "checking", check)}
        {task.here &&
          button(newest ? "handInAgain" : "handIn", "handingIn", handIn, "jp-mod-accept")}
      </div>
      <div role="status" className="tp-outcome">
        {busy && <p>{say(busy)}</p>}
        {outcome.got && <p>{say("got", { task: task.name })}</p>}
        {outcome.findings?.map(finding => (
          <Result key={finding.notebook} finding={finding} say={say} />
        ))}
        {outcome.receipt && <Taken {...properties} taken={outcome.receipt} />}
      </div>
      <p role="alert" className="tp-problem">
        {outcome.problem}
      </p>
      {newest && (
        <div className="tp-work">
          <p>
            {say("handedIn", { when: when(newest.received_at) })}
            {newest.late && <strong> ({say("late")})</strong>}
          </p>
          <p className="tp-small">{say("receipt", { id: newest.receipt })}</p>
          <Marked {...properties} work={newest} />
          {newest.feedback !== "none" &&
            button("readFeedback", "fetching", () => readFeedback(newest))}
          {task.works.length > 1 && (
            <p className="tp-small">{say("earlier", { count: task.works.length - 1 })}</p>
          )}
        </div>
      )}
    </li>
  );
}

function Deadline({ task, say, when }: Properties): React.JSX.Element {
  if (task.due === null) {
    return <p className="tp-due">{say("noDeadline")}</p>;
  }
  const kind = task.over && task.works.length === 0 ? "tp-due tp-over" : "tp-due";
  return <p className={kind}>{say(task.over ? "overdue" : "due", { when: when(task.due) })}</p>;
}

function Result({ finding, say }: { finding: Finding; say: Say }): React.JSX.Element {
  return (
    <div className={`tp-finding tp-${finding.verdict}`}>
      <p>
        <span aria-hidden="true">{finding.verdict === "passed" ? "✔ " : "✘ "}</span>
        {say(finding.verdict, { notebook: finding.notebook })}
      </p>
      {finding.cells.map((cell, number) => (
        <div key={number}>
          <pre>{cell.source}</pre>
          {cell.error && <p className="tp-error">{cell.error}</p>}
        </div>
      ))}
    </div>
  );
}

function Taken({ taken, desk, say }: Properties & { taken: Receipt }): React.JSX.Element {
  const file = taken.file;
  return (
    <div className="tp-taken">
      <p>{say("taken")}</p>
      {taken.remarks.map(remark => (
        <p key={remark}>{remark}</p>
      ))}
      {file && (
        <button type="button" className="jp-mod-styled" onClick={() => void desk.open(file)}>
          {say("showReceipt")}
        </button>
      )}
    </div>
  );
}

function Marked({ work, say, language }: Properties & { work: Work }): React.JSX.Element | null {
  if (work.mark) {
    const [score, most] = [points(language, work.mark.score), points(language, work.mark.most)];
    return <p className="tp-mark">{say("mark", { score, most })}</p>;
  }
  return work.feedback === "none" ? <p className="tp-small">{say("checkedSoon")}</p> : null;
}
