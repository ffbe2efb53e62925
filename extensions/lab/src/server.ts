// What the panel asks the pupil's server (technopark_lab.extension, technopark_server.live).
import { URLExt } from "@jupyterlab/coreutils";
import { ServerConnection } from "@jupyterlab/services";

export interface Page {
  name: string;
  path: string;
}

export interface Work {
  receipt: string;
  received_at: string;
  late: boolean;
  feedback: "none" | "ready" | "here";
  pages: Page[];
  mark: { score: number; most: number } | null;
}

export interface Task {
  name: string;
  due: string | null;
  /** Whether the deadline has passed. */
  over: boolean;
  here: boolean;
  notebooks: Page[];
  /** The newest first. */
  works: Work[];
}

export interface Lesson {
  timezone: string;
  gpu: boolean;
  tasks: Task[];
}

export interface Receipt {
  receipt: { id: string; received_at: string; late: boolean };
  file: string | null;
  remarks: string[];
}

export interface Finding {
  notebook: string;
  verdict: "passed" | "failed" | "changed";
  cells: { source: string; error?: string }[];
}

export interface Standing {
  kernel: string;
  phase: "waiting" | "running";
  place: number | null;
  sentence: string;
}

/** A refusal; its message is a sentence for the pupil. */
export class Refusal extends Error {}

/** The pupil's server, as the panel sees it. */
export class Server {
  constructor(
    private readonly settings: ServerConnection.ISettings,
    /** What is said where the server does not answer, or nothing that makes sense. */
    private readonly away: string
  ) {}

  lesson(): Promise<Lesson> {
    return this.ask<Lesson>("tasks");
  }

  get(task: string): Promise<null> {
    return this.ask<null>("tasks/get", { task });
  }

  check(task: string): Promise<Finding[]> {
    return this.ask<Finding[]>("tasks/check", { task });
  }

  handIn(task: string): Promise<Receipt> {
    return this.ask<Receipt>("tasks/hand-in", { task });
  }

  fetchFeedback(task: string): Promise<null> {
    return this.ask<null>("tasks/feedback", { task });
  }

  async isHandUp(): Promise<boolean> {
    return (await this.ask<{ raised: boolean }>("hand")).raised;
  }

  async setHand(raised: boolean): Promise<boolean> {
    return (await this.ask<{ raised: boolean }>("hand", { raised })).raised;
  }

  gpuLine(): Promise<Standing[]> {
    return this.ask<Standing[]>("gpu");
  }

  private async ask<Answer>(path: string, sent?: object): Promise<Answer> {
    const url = URLExt.join(this.settings.baseUrl, "technopark", path);
    const init = sent ? { method: "POST", body: JSON.stringify(sent) } : {};
    let response: Response;
    try {
      response = await ServerConnection.makeRequest(url, init, this.settings);
    } catch {
      throw new Refusal(this.away);
    }
    const answer: unknown = await response.json().catch(() => null);
    if (!response.ok) {
      const message = response.status === 409 ? (answer as { message?: string }).message : null;
      throw new Refusal(message ?? this.away);
    }
    return answer as Answer;
  }
}
