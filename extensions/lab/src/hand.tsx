// A hand that the pupil raises, and a teacher lowers who was there (technopark_server.live).
import React, { useCallback, useEffect, useState } from "react";

import type { Server } from "./server";
import type { Say } from "./words";

/** So often a raised hand is looked at, in milliseconds. */
const LOOK = 5_000;

/** An open hand; school PCs have no emoji. */
const HAND =
  "M21 6v9a7 7 0 0 1-7 7h-1.5a7 7 0 0 1-5.2-2.3L2 13.8l1-1a1.5 1.5 0 0 1 1.7-.3L8 14V5" +
  "a1.5 1.5 0 0 1 3 0v6h.5V3.5a1.5 1.5 0 0 1 3 0V11h.5V4.5a1.5 1.5 0 0 1 3 0V12h.5V6" +
  "a1.25 1.25 0 0 1 2.5 0z";

interface Properties {
  server: Server;
  say: Say;
  isSeen: () => boolean;
}

export function Hand({ server, say, isSeen }: Properties): React.JSX.Element | null {
  const [isUp, setUp] = useState<boolean | null>(null);
  const [problem, setProblem] = useState("");

  const look = useCallback(async (): Promise<void> => {
    // Where there is no page of the class, there is no hand either.
    setUp(await server.isHandUp().catch(() => null));
  }, [server]);

  useEffect(() => void look(), [look]);
  useEffect(() => {
    if (!isUp) {
      return undefined;
    }
    const timer = setInterval(() => {
      if (isSeen()) {
        void server.isHandUp().then(setUp, () => undefined);
      }
    }, LOOK);
    return () => {
      clearInterval(timer);
    };
  }, [isUp, isSeen, server]);

  if (isUp === null) {
    return null;
  }
  const change = async (): Promise<void> => {
    try {
      setUp(await server.setHand(!isUp));
      setProblem("");
    } catch (error) {
      setProblem((error as Error).message);
    }
  };
  return (
    <section className="tp-hand">
      <button
        type="button"
        className={isUp ? "jp-mod-styled jp-mod-warn" : "jp-mod-styled"}
        onClick={() => void change()}
      >
        <svg viewBox="0 0 24 24" width="20" aria-hidden="true">
          <path fill="currentColor" d={HAND} />
        </svg>
        {say(isUp ? "lowerHand" : "raiseHand")}
      </button>
      <p role="status">{isUp ? say("handUp") : ""}</p>
      <p role="alert" className="tp-problem">
        {problem}
      </p>
    </section>
  );
}
