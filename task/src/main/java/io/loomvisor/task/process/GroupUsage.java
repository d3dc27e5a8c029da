package io.loomvisor.task.process;

import io.loomvisor.task.Task;
import java.util.List;

/**
 * What a process has used: what its ended threads had, and what the living ones have so far. State
 * of the {@link ThreadGroup}'s actor.
 */
final class GroupUsage {
  /** The group's own list: threads come and go in it. */
  private final List<Task> tasks;

  private ResourceUsage ended = ResourceUsage.NONE;
  private IoUsage endedIo = IoUsage.NONE;

  GroupUsage(List<Task> tasks) {
    this.tasks = tasks;
  }

  void addEnded(ResourceUsage usage, IoUsage io) {
    ended = ended.plus(usage);
    endedIo = endedIo.plus(io);
  }

  void noteResident(long bytes) {
    ended = ended.withResident(bytes);
  }

  ResourceUsage ended() {
    return ended;
  }

  ResourceUsage total() {
    ResourceUsage sum = ended;
    for (Task t : tasks) {
      sum = sum.plus(t.usage());
    }
    return sum;
  }

  IoUsage io() {
    IoUsage sum = endedIo;
    for (Task t : tasks) {
      sum = sum.plus(t.counters().io());
    }
    return sum;
  }

  /** In ns. */
  long userTime() {
    return ended.user() + tasks.stream().mapToLong(t -> t.cpuTime().user()).sum();
  }

  /** In ns. */
  long systemTime() {
    return ended.system() + tasks.stream().mapToLong(t -> t.cpuTime().system()).sum();
  }
}
