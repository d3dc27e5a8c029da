package io.loomvisor.task.process;

import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;

/** Pids, parents and children, process groups, sessions. */
public final class ProcessTree extends Actor {
  public ProcessTree() {
    super(Rank.PROCESS_TREE);
  }
}
