package io.loomvisor.kernel.time;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import io.loomvisor.scheduler.time.TimerService;
import io.loomvisor.task.process.ProcessTree;
import io.loomvisor.task.process.ResourceLimits;
import io.loomvisor.task.process.ThreadGroup;
import io.loomvisor.task.signal.Signal;
import io.loomvisor.task.signal.SignalInfo;
import java.util.TreeMap;

/**
 * The timers of one process: three interval timers, POSIX timers, the CPU limit. Signals are sent
 * with the actor left.
 */
public final class ProcessTimers extends Actor {
  private static final int ITIMERS = 3;
  private static final int ITIMER_VIRTUAL = 1;

  /** CPU time is looked at this often when it is nearly due: a scheduler tick of 250 Hz. */
  private static final long TICK = 4_000_000;

  /** A periodic timer whose signal nobody takes is looked at no more often than this. */
  private static final long IDLE = 1_000_000;

  private static final long SECOND = 1_000_000_000L;

  /** Time left and interval, in ns. */
  public record Setting(long value, long interval) {}

  private final ThreadGroup group;
  private final ProcessTree processes;
  private final TimerService timers;
  private final SignalTimer[] interval = new SignalTimer[ITIMERS];
  private final TreeMap<Integer, SignalTimer> posix = new TreeMap<>();
  private int nextId;
  private boolean ended;
  private int cpuLimitChecks;

  ProcessTimers(ThreadGroup group, ProcessTree processes, TimerService timers, Clocks clocks) {
    super(Rank.TIMERS);
    this.group = group;
    this.processes = processes;
    this.timers = timers;
    interval[0] =
        new SignalTimer(
            new TimerClock.Wall(TimerClock.MONOTONIC, clocks),
            SignalInfo.kernel(Signal.SIGALRM),
            null);
    interval[ITIMER_VIRTUAL] =
        new SignalTimer(
            new TimerClock.ProcessCpu(group, true), SignalInfo.kernel(Signal.SIGVTALRM), null);
    interval[2] =
        new SignalTimer(
            new TimerClock.ProcessCpu(group, false), SignalInfo.kernel(Signal.SIGPROF), null);
  }

  // ------------------------------------------------------------------ interval timers

  /** setitimer(2): the old setting. {@code value} 0 disarms. */
  public Setting setInterval(int which, long value, long period) {
    return ask(
        () -> {
          SignalTimer t = interval[which];
          long now = t.clock.now();
          Setting old = setting(t, now);
          set(t, value == 0 ? 0 : TimeSpec.deadline(now, value), value == 0 ? 0 : period);
          return old;
        });
  }

  /** getitimer(2). */
  public Setting interval(int which) {
    return ask(() -> setting(interval[which], interval[which].clock.now()));
  }

  // ------------------------------------------------------------------ POSIX timers

  /**
   * timer_create(2): the new timer's id; EAGAIN above RLIMIT_SIGPENDING. The signal may want the
   * id.
   */
  public int create(
      TimerClock clock,
      java.util.function.IntFunction<SignalInfo> signal,
      io.loomvisor.task.Task target) {
    return ask(
        () -> {
          if (ended || posix.size() >= group.limits().soft(ResourceLimits.RLIMIT_SIGPENDING)) {
            throw Errno.EAGAIN.exception();
          }
          while (posix.containsKey(nextId)) {
            nextId = nextId + 1 & Integer.MAX_VALUE;
          }
          int id = nextId;
          nextId = nextId + 1 & Integer.MAX_VALUE;
          posix.put(id, new SignalTimer(clock, signal.apply(id), target));
          return id;
        });
  }

  /** timer_settime(2): the old setting; EINVAL. */
  public Setting settime(int id, long value, long period, boolean absolute) {
    return ask(
        () -> {
          SignalTimer t = require(id);
          long now = t.clock.now();
          Setting old = setting(t, now);
          t.overrun = 0;
          long expiry = value == 0 ? 0 : absolute ? value : TimeSpec.deadline(now, value);
          set(t, expiry, value == 0 ? 0 : period);
          return old;
        });
  }

  /** timer_gettime(2); EINVAL. */
  public Setting gettime(int id) {
    return ask(() -> setting(require(id), require(id).clock.now()));
  }

  /** timer_getoverrun(2); EINVAL. */
  public int overrun(int id) {
    return ask(() -> require(id).overrun);
  }

  /** timer_delete(2); EINVAL. */
  public void delete(int id) {
    ask(
        () -> {
          set(require(id), 0, 0);
          posix.remove(id);
        });
  }

  /** execve(2) deletes POSIX timers and keeps interval timers. */
  public void executed() {
    ask(this::deleteAll);
  }

  /** The process has ended. */
  void end() {
    ask(
        () -> {
          ended = true;
          cpuLimitChecks++;
          deleteAll();
          for (SignalTimer t : interval) {
            set(t, 0, 0);
          }
        });
  }

  private void deleteAll() {
    for (SignalTimer t : posix.values()) {
      set(t, 0, 0);
    }
    posix.clear();
    nextId = 0;
  }

  private SignalTimer require(int id) {
    SignalTimer t = posix.get(id);
    if (t == null) {
      throw Errno.EINVAL.exception();
    }
    return t;
  }

  // ------------------------------------------------------------------ in the actor

  private static Setting setting(SignalTimer t, long now) {
    return new Setting(t.remaining(now), t.interval);
  }

  private void set(SignalTimer t, long expiry, long period) {
    t.setting++;
    t.queued = false;
    t.expiry = ended ? 0 : expiry;
    t.interval = period;
    if (t.wake != null) {
      t.wake.cancel();
      t.wake = null;
    }
    if (t.armed() && t.signal != null) {
      schedule(t, t.clock.now(), 0);
    }
  }

  private void schedule(SignalTimer t, long now, long atLeast) {
    int setting = t.setting;
    long wait = Math.max(atLeast, wait(t, t.expiry - now));
    t.wake = timers.schedule(TimeSpec.deadline(timers.now(), wait), () -> fire(t, setting));
  }

  /** CPU time runs at most as fast as all threads together. */
  private long wait(SignalTimer t, long left) {
    return switch (t.clock) {
      case TimerClock.Wall w -> Math.max(0, left);
      case TimerClock.ThreadCpu c -> Math.max(TICK, left);
      case TimerClock.ProcessCpu c -> Math.max(TICK, left / Math.max(1, c.group().size()));
    };
  }

  // ------------------------------------------------------------------ expiration

  /** On the timer service's thread. */
  private void fire(SignalTimer t, int setting) {
    SignalInfo info = ask(() -> expired(t, setting));
    if (info != null && !processes.post(group, info, t.target)) {
      ask(() -> dropped(t, setting));
    }
  }

  private SignalInfo expired(SignalTimer t, int setting) {
    if (t.setting != setting || !t.armed() || t.queued) {
      return null;
    }
    long now = t.clock.now();
    if (now < t.expiry) {
      schedule(t, now, 0);
      return null;
    }
    if (t.interval == 0) {
      t.expiry = 0;
    }
    t.queued = true;
    SignalInfo s = t.signal;
    return new SignalInfo(
        s.signal(),
        s.errno(),
        s.code(),
        s.pid(),
        s.uid(),
        s.value(),
        s.address(),
        i -> taken(t, setting, i));
  }

  /** The signal is ignored or merged with another: the timer goes on by itself. */
  private void dropped(SignalTimer t, int setting) {
    if (t.setting == setting) {
      t.queued = false;
      goOn(t, IDLE);
    }
  }

  /**
   * Called when the signal leaves the queue. That of a POSIX timer set anew or deleted meanwhile is
   * void.
   */
  private SignalInfo taken(SignalTimer t, int setting, SignalInfo info) {
    return ask(
        () -> {
          boolean timer = info.code() == SignalInfo.SI_TIMER;
          if (t.setting != setting) {
            return timer ? null : info;
          }
          t.queued = false;
          t.overrun = (int) Math.min(Integer.MAX_VALUE, Math.max(0, goOn(t, 0) - 1));
          return timer
              ? new SignalInfo(
                  info.signal(), 0, info.code(), info.pid(), t.overrun, info.value(), 0)
              : info;
        });
  }

  private long goOn(SignalTimer t, long atLeast) {
    if (!t.armed()) {
      return 1;
    }
    long now = t.clock.now();
    long n = t.advance(now);
    schedule(t, now, atLeast);
    return n;
  }

  // ------------------------------------------------------------------ RLIMIT_CPU

  /**
   * RLIMIT_CPU is new or changed: SIGXCPU at the soft limit and every second after, SIGKILL at the
   * hard one.
   */
  public void watchCpuLimit() {
    ask(
        () -> {
          cpuLimitChecks++;
          scheduleCpuLimit();
        });
  }

  private void scheduleCpuLimit() {
    long soft = group.limits().soft(ResourceLimits.RLIMIT_CPU);
    if (ended || soft > Long.MAX_VALUE / SECOND) {
      return;
    }
    int check = cpuLimitChecks;
    long left = Math.max(1, soft) * SECOND - group.userTime() - group.systemTime();
    long wait = Math.max(TICK, left / Math.max(1, group.size()));
    timers.schedule(TimeSpec.deadline(timers.now(), wait), () -> checkCpuLimit(check));
  }

  private void checkCpuLimit(int check) {
    int signal = ask(() -> check == cpuLimitChecks && !ended ? overCpuLimit() : 0);
    if (signal > 0) {
      processes.send(group, SignalInfo.kernel(signal), null);
    }
  }

  private int overCpuLimit() {
    ResourceLimits.Limit limit = group.limits().get(ResourceLimits.RLIMIT_CPU);
    long seconds = (group.userTime() + group.systemTime()) / SECOND;
    int signal = 0;
    if (limit.hard() >= 0 && seconds >= Math.max(1, limit.hard())) {
      return Signal.SIGKILL;
    }
    if (limit.soft() >= 0 && seconds >= Math.max(1, limit.soft())) {
      signal = Signal.SIGXCPU;
      group
          .limits()
          .set(ResourceLimits.RLIMIT_CPU, new ResourceLimits.Limit(seconds + 1, limit.hard()));
    }
    scheduleCpuLimit();
    return signal;
  }
}
