package io.loomvisor.task.process;

import java.util.ArrayList;
import java.util.List;

/** A process in the tree, alive or zombie. Plain state of the {@link ProcessTree} actor. */
final class ProcessNode {
  final ThreadGroup group;
  final List<ProcessNode> children = new ArrayList<>();
  ProcessNode parent;
  int exitSignal;
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

  ProcessNode(ThreadGroup group, int exitSignal) {
    this.group = group;
    this.exitSignal = exitSignal;
  }

  /** Makes it a child of {@code heir}; null for the sandbox's. */
  void setParent(ProcessNode heir) {
    parent = heir;
    group.setParentId(parentId());
    if (heir != null) {
      heir.children.add(this);
    }
  }

  /** 0 for none in the sandbox. */
  int parentId() {
    return parent == null ? 0 : parent.group.id();
  }

  void end(int waitStatus, int realUser, ResourceUsage used) {
    zombie = true;
    status = waitStatus;
    uid = realUser;
    usage = used;
    stopUnreported = false;
    continueUnreported = false;
  }
}
