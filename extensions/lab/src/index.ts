// The pupil's panel in Lab's sidebar. This file is all that a page loads at its start: a tab and an
// empty place. What is in it comes in a file of its own when the tab is opened first.
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { ILayoutRestorer } from "@jupyterlab/application";
import { ITranslator } from "@jupyterlab/translation";
import { LabIcon } from "@jupyterlab/ui-components";
import type { Message } from "@lumino/messaging";
import { PanelLayout, Widget } from "@lumino/widgets";

const ID = "technopark-lab";

const icon = new LabIcon({
  name: `${ID}:tasks`,
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
    <path class="jp-icon3 jp-icon-selectable" fill="#616161" d="M19 3h-4.2a3 3 0 0 0-5.6 0H5a2 2 0 0
    0-2 2v14a2 2 0 0 0 2 2h14a2 2 0 0 0 2-2V5a2 2 0 0 0-2-2zm-7 0a1 1 0 1 1 0 2 1 1 0 0 1 0-2zm-1.4
    14-4-4L8 11.6l2.6 2.6L16 8.8l1.400 1.400z"/></svg>`
});

/** The place of the panel; it fills itself when it is seen first. */
class Place extends Widget {
  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly language: string
  ) {
    super();
    this.id = ID;
    this.layout = new PanelLayout();
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    if (this.isVisible) {
      this.fill();
    }
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.fill();
  }

  private fill(): void {
    if (!this.filled) {
      this.filled = true;
      void import("./panel").then(
        ({ Panel }) => {
          (this.layout as PanelLayout).addWidget(new Panel(this.app, this.language));
        },
        (error: unknown) => {
          this.filled = false; // the line broke: the next look tries again
          console.warn(error);
        }
      );
    }
  }

  private filled = false;
}

const plugin: JupyterFrontEndPlugin<void> = {
  id: `${ID}:panel`,
  description: "Tasks, deadlines, handing in, a raised hand.",
  autoStart: true,
  optional: [ITranslator, ILayoutRestorer],
  activate: (app, translator: ITranslator | null, restorer: ILayoutRestorer | null) => {
    const language = translator?.languageCode.startsWith("ru") ? "ru" : "en";
    const place = new Place(app, language);
    place.title.icon = icon;
    place.title.caption = language === "ru" ? "Задания" : "Tasks";
    restorer?.add(place, ID);
    app.shell.add(place, "left", { rank: 50, type: "Technopark" });
  }
};

export default plugin;
