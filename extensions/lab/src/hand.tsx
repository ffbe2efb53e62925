// A hand that the pupil raises, and a teacher lowers who was there (technopark_server.live).
import React, { useCallback, useEffect, useState } from "react";

import type { Server } from "./server";
import type { Say } from "./words";

/** So often a raised hand is looked at, in milliseconds. */
const LOOK = 5_000;

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
        <span aria-hidden="true">✋ </span>
        {say(isUp ? "lowerHand" : "raiseHand")}
      </button>
      <p role="status">{isUp ? say("handUp") : ""}</p>
      <p role="alert" className="tp-problem">
        {problem}
      </p>
    </section>
  );
}
