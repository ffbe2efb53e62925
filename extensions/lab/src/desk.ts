// What the panel does with Lab itself: opens files, saves what is open.
import type { JupyterFrontEnd } from "@jupyterlab/application";

/** What is used of a widget that shows a file. */
interface OpenFile {
  context?: { path: string; model: { dirty: boolean }; save(): Promise<void> };
}

export class Desk {
  constructor(private readonly app: JupyterFrontEnd) {}

  /** Shows a file; `viewer` names who shows it, where Lab has several for its kind. */
  async open(path: string, viewer?: string): Promise<void> {
    await this.app.commands.execute("docmanager:open", viewer ? { path, factory: viewer } : { path });
  }

  /** Saves what is open of a task and has changed: what the pupil sees is what is checked. */
  async save(task: string): Promise<void> {
    for (const widget of this.app.shell.widgets("main")) {
      const context = (widget as OpenFile).context;
      if (context?.model.dirty && context.path.startsWith(`${task}/`)) {
        await context.save();
      }
    }
  }
}
