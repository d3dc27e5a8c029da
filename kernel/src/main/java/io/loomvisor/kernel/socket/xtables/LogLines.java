package io.loomvisor.kernel.socket.xtables;

import io.loomvisor.net.time.Clock;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What LOG says, in the sandbox's log: some lines a second, for whoever sets rules and sends
 * packets chooses how many there are, and what their prefix is. Any thread.
 */
final class LogLines implements Consumer<String> {
  private static final Logger LOG = LoggerFactory.getLogger(LogLines.class);
  private static final int PER_SECOND = 20;

  private final Clock clock;

  /** The second, and below it how many lines it has had. */
  private final AtomicLong had = new AtomicLong();

  LogLines(Clock clock) {
    this.clock = clock;
  }

  @Override
  public void accept(String line) {
    if (mayPass()) {
      LOG.info("{}", line.replaceAll("[^\\x20-\\x7e]", "?"));
    }
  }

  /** Whether there is room for one more in this second. */
  boolean mayPass() {
    long now = clock.nanoTime() / Clock.SECOND << Integer.SIZE;
    long after = had.updateAndGet(n -> n >>> Integer.SIZE << Integer.SIZE == now ? n + 1 : now + 1);
    return (int) after <= PER_SECOND;
  }
}
