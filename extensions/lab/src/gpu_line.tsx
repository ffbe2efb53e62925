// How the pupil's notebooks stand in line for a GPU; only in courses that have GPUs.
import React, { useEffect, useState } from "react";

import type { Server, Standing } from "./server";
import type { Say } from "./words";

/** So often the line is looked at, in milliseconds. */
const LOOK = 5_000;

interface Properties {
  server: Server;
  say: Say;
  isSeen: () => boolean;
}

export function GpuLine({ server, say, isSeen }: Properties): React.JSX.Element | null {
  const [standings, setStandings] = useState<Standing[]>([]);

  useEffect(() => {
    const look = (): void => {
      if (isSeen()) {
        server.gpuLine().then(setStandings, () => undefined);
      }
    };
    look();
    const timer = setInterval(look, LOOK);
    return () => {
      clearInterval(timer);
    };
  }, [server, isSeen]);

  if (standings.length === 0) {
    return null;
  }
  return (
    <section className="tp-gpu">
      <h3>{say("gpu")}</h3>
      {standings.map(standing => (
        <p role="status" key={standing.kernel}>
          {standing.sentence}
        </p>
      ))}
    </section>
  );
}
