package io.loomvisor.runtime.cli;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.LayoutBase;

/**
 * Lines with time, level and source, but for what --strace prints: that stands alone, as strace(1)
 * prints it. In code and not as a pattern, whose parser and converters a start would wait for; the
 * time is UTC, as data of time zones are in files, which a sentry that is locked in cannot read.
 *
 * <pre>
 *   20:22:11.443 WARN  SentryLock: Not started as root: the sentry stays user 1000.
 * </pre>
 */
final class LineLayout extends LayoutBase<ILoggingEvent> {
  private static final int LEVEL_WIDTH = 5;
  private static final long DAY = 24L * 60 * 60 * 1000;

  @Override
  public String doLayout(ILoggingEvent event) {
    StringBuilder line = new StringBuilder(128);
    if (!event.getLoggerName().equals("strace")) {
      time(line, event.getTimeStamp());
      String level = event.getLevel().toString();
      line.append(' ').append(level).repeat(' ', Math.max(0, LEVEL_WIDTH - level.length()));
      String source = event.getLoggerName();
      line.append(' ').append(source, source.lastIndexOf('.') + 1, source.length()).append(": ");
    }
    line.append(event.getFormattedMessage()).append('\n');
    if (event.getThrowableProxy() != null) {
      line.append(ThrowableProxyUtil.asString(event.getThrowableProxy()));
    }
    return line.toString();
  }

  private static void time(StringBuilder out, long millis) {
    int ofDay = (int) Math.floorMod(millis, DAY);
    digits(out, ofDay / 3_600_000, 2);
    digits(out.append(':'), ofDay / 60_000 % 60, 2);
    digits(out.append(':'), ofDay / 1000 % 60, 2);
    digits(out.append('.'), ofDay % 1000, 3);
  }

  private static void digits(StringBuilder out, int number, int width) {
    String text = Integer.toString(number);
    out.repeat('0', width - text.length()).append(text);
  }
}
