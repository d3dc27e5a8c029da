package io.loomvisor.task;

/**
 * What a thread has set for itself and hands down to its children and through execve(2). Written by
 * the own thread, read by any.
 */
public final class ThreadSettings {
  private volatile int personality;
  private volatile MemoryPolicy memoryPolicy = MemoryPolicy.DEFAULT;

  /** The execution domain and its flags (personality(2)). */
  public int personality() {
    return personality;
  }

  public void setPersonality(int value) {
    personality = value;
  }

  public boolean personalityHas(int flag) {
    return (personality & flag) != 0;
  }

  /** set_mempolicy(2). */
  public MemoryPolicy memoryPolicy() {
    return memoryPolicy;
  }

  public void setMemoryPolicy(MemoryPolicy policy) {
    memoryPolicy = policy;
  }

  /** clone(2): takes over everything. */
  public void inherit(ThreadSettings parent) {
    personality = parent.personality;
    memoryPolicy = parent.memoryPolicy;
  }
}
