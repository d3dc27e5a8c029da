package io.loomvisor.vfs.event;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.scheduler.time.TimerService;
import io.loomvisor.vfs.PollEvents;
import io.loomvisor.vfs.io.IoTarget;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;

/**
 * timerfd_create(2). How often it has expired follows from the setting and the clock; the timer
 * service only says when to look. One immutable setting, swapped; any thread.
 */
public final class TimerDescription extends AnonymousDescription {
  /**
   * Times in ns.
   *
   * @param expiry the first expiration not yet read, on the timer's clock; 0: disarmed
   */
  private record Setting(long expiry, long interval) {
    static final Setting DISARMED = new Setting(0, 0);

    long expirations(long now) {
      if (expiry == 0 || now < expiry) {
        return 0;
      }
      return interval == 0 ? 1 : (now - expiry) / interval + 1;
    }

    Setting after(long expirations) {
      if (interval == 0) {
        return DISARMED;
      }
      long next = expiry + expirations * interval;
      return new Setting(next <= 0 ? Long.MAX_VALUE : next, interval);
    }
  }

  /**
   * What timerfd_gettime(2) shows: time to the next expiration (0: disarmed) and interval, in ns.
   */
  public record Remaining(long value, long interval) {}

  private final LongSupplier clock;
  private final TimerService timers;
  private final AtomicReference<Setting> setting = new AtomicReference<>(Setting.DISARMED);
  private final AtomicReference<TimerService.Timer> wake = new AtomicReference<>();

  /**
   * @param clock what the timer runs on, in ns
   * @param flags O_NONBLOCK
   */
  public TimerDescription(LongSupplier clock, TimerService timers, int flags) {
    super("[timerfd]", OpenFlags.O_RDWR | flags);
    this.clock = clock;
    this.timers = timers;
  }

  /**
   * timerfd_settime(2): expirations not read are forgotten. {@code value} 0 disarms. Returns what
   * was.
   */
  public Remaining set(long value, long interval, boolean absolute) {
    long now = clock.getAsLong();
    long sum = now + value;
    long expiry = value == 0 ? 0 : absolute ? value : sum < 0 ? Long.MAX_VALUE : sum;
    Setting next = new Setting(expiry, value == 0 ? 0 : interval);
    Setting old = setting.getAndSet(next);
    schedule(next, now);
    return remaining(old, now);
  }

  /** timerfd_gettime(2). */
  public Remaining remaining() {
    return remaining(setting.get(), clock.getAsLong());
  }

  private static Remaining remaining(Setting s, long now) {
    long done = s.expirations(now);
    Setting next = done == 0 ? s : s.after(done);
    return new Remaining(next.expiry == 0 ? 0 : next.expiry - now, s.interval);
  }

  private void schedule(Setting s, long now) {
    TimerService.Timer next = null;
    if (s.expiry != 0) {
      long at = timers.now() + Math.max(0, s.expiry - now);
      next = timers.schedule(at < 0 ? Long.MAX_VALUE : at, () -> look(s));
    }
    TimerService.Timer old = wake.getAndSet(next);
    if (old != null) {
      old.cancel();
    }
  }

  /** On the timer service's thread. A clock that was set back meanwhile makes it early. */
  private void look(Setting s) {
    if (setting.get() != s) {
      return;
    }
    long now = clock.getAsLong();
    if (s.expirations(now) > 0) {
      waitQueue().notifyEvents(PollEvents.POLLIN);
    } else {
      schedule(s, now);
    }
  }

  /** The number of expirations since the last read; EAGAIN if there is none. */
  @Override
  public long read(IoTarget target) {
    if (target.remaining() < Long.BYTES) {
      throw Errno.EINVAL.exception();
    }
    MemorySegment value = MemorySegment.ofArray(new byte[Long.BYTES]);
    value.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, take());
    if (target.put(value, 0, Long.BYTES) < Long.BYTES) {
      throw Errno.EFAULT.exception();
    }
    return Long.BYTES;
  }

  private long take() {
    for (; ; ) {
      Setting s = setting.get();
      long now = clock.getAsLong();
      long n = s.expirations(now);
      if (n == 0) {
        throw Errno.EAGAIN.exception();
      }
      Setting next = s.after(n);
      if (setting.compareAndSet(s, next)) {
        schedule(next, now);
        return n;
      }
    }
  }

  @Override
  public int readiness(int mask) {
    return setting.get().expirations(clock.getAsLong()) > 0 ? PollEvents.POLLIN & mask : 0;
  }

  @Override
  protected void onRelease() {
    set(0, 0, false);
  }
}
