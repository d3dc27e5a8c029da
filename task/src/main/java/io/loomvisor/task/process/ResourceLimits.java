package io.loomvisor.task.process;

import java.util.concurrent.atomic.AtomicReferenceArray;

/** Resource limits of a process (getrlimit(2)); each limit is replaced atomically. */
public final class ResourceLimits {
  public static final int RLIMIT_CPU = 0;
  public static final int RLIMIT_FSIZE = 1;
  public static final int RLIMIT_DATA = 2;
  public static final int RLIMIT_STACK = 3;
  public static final int RLIMIT_CORE = 4;
  public static final int RLIMIT_RSS = 5;
  public static final int RLIMIT_NPROC = 6;
  public static final int RLIMIT_NOFILE = 7;
  public static final int RLIMIT_MEMLOCK = 8;
  public static final int RLIMIT_AS = 9;
  public static final int RLIMIT_LOCKS = 10;
  public static final int RLIMIT_SIGPENDING = 11;
  public static final int RLIMIT_MSGQUEUE = 12;
  public static final int RLIMIT_NICE = 13;
  public static final int RLIMIT_RTPRIO = 14;
  public static final int RLIMIT_RTTIME = 15;
  public static final int COUNT = 16;
  public static final long INFINITY = -1L;

  /** Soft and hard limit, unsigned. */
  public record Limit(long soft, long hard) {}

  private final AtomicReferenceArray<Limit> limits = new AtomicReferenceArray<>(COUNT);

  /** The limits a first process starts with: those of a common Linux host. */
  public static ResourceLimits initial() {
    ResourceLimits l = new ResourceLimits();
    for (int i = 0; i < COUNT; i++) {
      l.set(i, new Limit(INFINITY, INFINITY));
    }
    l.set(RLIMIT_STACK, new Limit(8L << 20, INFINITY));
    l.set(RLIMIT_CORE, new Limit(0, INFINITY));
    l.set(RLIMIT_NOFILE, new Limit(1024, 1 << 20));
    l.set(RLIMIT_MEMLOCK, new Limit(8L << 20, 8L << 20));
    l.set(RLIMIT_SIGPENDING, new Limit(65536, 65536));
    l.set(RLIMIT_MSGQUEUE, new Limit(819200, 819200));
    l.set(RLIMIT_NICE, new Limit(0, 0));
    l.set(RLIMIT_RTPRIO, new Limit(0, 0));
    return l;
  }

  public ResourceLimits copy() {
    ResourceLimits l = new ResourceLimits();
    for (int i = 0; i < COUNT; i++) {
      l.set(i, get(i));
    }
    return l;
  }

  public Limit get(int resource) {
    return limits.get(resource);
  }

  public void set(int resource, Limit limit) {
    limits.set(resource, limit);
  }

  /** The soft limit as a non-negative number; Long.MAX_VALUE for infinity. */
  public long soft(int resource) {
    long s = limits.get(resource).soft;
    return s < 0 ? Long.MAX_VALUE : s;
  }

  /** RLIMIT_NOFILE as an int. */
  public int openFiles() {
    return (int) Math.min(soft(RLIMIT_NOFILE), 1 << 20);
  }
}
