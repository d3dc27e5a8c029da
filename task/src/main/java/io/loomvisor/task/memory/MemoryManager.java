package io.loomvisor.task.memory;

import io.loomvisor.platform.AddressSpace;
import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;

/** Placeholder signature; the memory helper replaces this file. */
public abstract class MemoryManager extends Actor implements UserMemory {
  protected MemoryManager() {
    super(Rank.MEMORY);
  }

  public abstract AddressSpace addressSpace();

  public abstract FaultOutcome fault(long address, boolean write, boolean execute);
}
