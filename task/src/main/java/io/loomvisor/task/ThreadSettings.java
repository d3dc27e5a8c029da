package io.loomvisor.task;

import io.loomvisor.task.seccomp.SeccompState;

/**
 * What a thread has set for itself and hands down to its children and through execve(2). Written by
 * the own thread, read by any.
 */
public final class ThreadSettings {
  private volatile UtsName uts;
  private volatile int personality;
  private volatile SeccompState seccomp = SeccompState.NONE;
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

  /** Host and domain name; shared until CLONE_NEWUTS. */
  public UtsName uts() {
    return uts;
  }

  public void setUts(UtsName names) {
    uts = names;
  }

  /** seccomp(2). */
  public SeccompState seccomp() {
    return seccomp;
  }

  /** For {@link Task#confine} and for a thread that is being made. */
  public void setSeccomp(SeccompState state) {
    seccomp = state;
  }

  /** clone(2): takes over everything. */
  public void inherit(ThreadSettings parent) {
    uts = parent.uts;
    personality = parent.personality;
    memoryPolicy = parent.memoryPolicy;
    seccomp = parent.seccomp;
  }
}
