package io.loomvisor.task.process;

/** Which children wait4(2) and waitid(2) are about. */
public sealed interface WaitSelector {
  record AnyChild() implements WaitSelector {}

  record Pid(int pid) implements WaitSelector {}

  record ProcessGroup(int pgid) implements WaitSelector {}
}
