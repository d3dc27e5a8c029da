package io.loomvisor.task.process;

import java.util.ArrayList;
import java.util.List;

/** A process in the tree, alive or zombie. Plain state of the {@link ProcessTree} actor. */
final class ProcessNode {
  final ThreadGroup group;
  final int exitSignal;
  final List<ProcessNode> children = new ArrayList<>();
  ProcessNode parent;
  Session session;
  int pgid;
  boolean execed;
  boolean subreaper;
  int parentDeathSignal;
  int uid;

  /** It has ended and waits to be reaped. */
  boolean zombie;

  int status;

  /** Of itself, once it has ended. */
  ResourceUsage usage = ResourceUsage.NONE;

  /** Of reaped children and those they had waited for. */
  ResourceUsage childUsage = ResourceUsage.NONE;

  /** A stop or continue that no wait has taken yet. */
  boolean stopUnreported;

  boolean continueUnreported;

  ProcessNode(ThreadGroup group, ProcessNode parent, int exitSignal) {
    this.group = group;
    this.parent = parent;
    this.exitSignal = exitSignal;
  }
}
