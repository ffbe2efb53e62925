// What is in the panel: the tasks, a hand to raise, the line for a GPU. Loaded by `index` when the
// tab is opened first.
import type { JupyterFrontEnd } from "@jupyterlab/application";
import { ReactWidget } from "@jupyterlab/ui-components";
import React, { useCallback, useEffect, useState } from "react";

import "../style/panel.css";
import { Desk } from "./desk";
import { GpuLine } from "./gpu_line";
import { Hand } from "./hand";
import { type Lesson, Server } from "./server";
import { TaskCard } from "./task_card";
import { clock, type Say, speaker } from "./words";

/** So often a panel that is seen looks for news of the tasks, in milliseconds. */
const NEWS = 120_000;

export class Panel extends ReactWidget {
  constructor(app: JupyterFrontEnd, language: string) {
    super();
    this.addClass("tp-Panel");
    this.say = speaker(language);
    this.language = language;
    this.server = new Server(app.serviceManager.serverSettings, this.say("away"));
    this.desk = new Desk(app);
  }

  protected override render(): React.JSX.Element {
    return (
      <Tasks
        server={this.server}
        desk={this.desk}
        say={this.say}
        language={this.language}
        isSeen={() => this.isVisible && document.visibilityState === "visible"}
      />
    );
  }

  private readonly say: Say;
  private readonly language: string;
  private readonly server: Server;
  private readonly desk: Desk;
}

interface Properties {
  server: Server;
  desk: Desk;
  say: Say;
  language: string;
  isSeen: () => boolean;
}

function Tasks({ server, desk, say, language, isSeen }: Properties): React.JSX.Element {
  const [lesson, setLesson] = useState<Lesson | null>(null);
  const [problem, setProblem] = useState("");

  const look = useCallback(async (): Promise<void> => {
    try {
      setLesson(await server.lesson());
      setProblem("");
    } catch (error) {
      setProblem((error as Error).message);
    }
  }, [server]);

  useEffect(() => {
    void look();
    const timer = setInterval(() => {
      if (isSeen()) {
        void look();
      }
    }, NEWS);
    return () => {
      clearInterval(timer);
    };
  }, [look, isSeen]);

  return (
    <div lang={language}>
      <header className="tp-Panel-header">
        <h2>{say("tasks")}</h2>
        <button type="button" className="jp-mod-styled" onClick={() => void look()}>
          {say("refresh")}
        </button>
      </header>
      <p role="alert" className="tp-problem">
        {problem}
      </p>
      {lesson === null && problem === "" && <p role="status">{say("loading")}</p>}
      {lesson?.tasks.length === 0 && <p>{say("noTasks")}</p>}
      <ul className="tp-tasks">
        {lesson?.tasks.map(task => (
          <TaskCard
            key={task.name}
            task={task}
            server={server}
            desk={desk}
            say={say}
            language={language}
            when={clock(language, lesson.timezone)}
            onChange={look}
          />
        ))}
      </ul>
      <Hand server={server} say={say} isSeen={isSeen} />
      {lesson?.gpu && <GpuLine server={server} say={say} isSeen={isSeen} />}
    </div>
  );
}
