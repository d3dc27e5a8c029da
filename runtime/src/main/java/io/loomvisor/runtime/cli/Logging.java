package io.loomvisor.runtime.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.FileAppender;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import java.nio.file.Path;
import org.slf4j.LoggerFactory;

/** Sets logback up in code: no configuration file is searched for or parsed at start-up. */
final class Logging {
  private Logging() {}

  /**
   * @param debug log from DEBUG on instead of WARN
   * @param file where to; null for standard error
   */
  static void configure(boolean debug, Path file) {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    LayoutWrappingEncoder<ILoggingEvent> encoder = new LayoutWrappingEncoder<>();
    encoder.setContext(context);
    encoder.setLayout(layout(context));
    encoder.start();
    // The time zone's data is read when the first time is formatted, and no file can be opened once
    // the sentry is locked in.
    encoder.encode(
        new LoggingEvent(
            Logging.class.getName(), context.getLogger("start"), Level.INFO, "", null, null));
    OutputStreamAppender<ILoggingEvent> appender = file == null ? console() : file(file);
    appender.setContext(context);
    appender.setEncoder(encoder);
    appender.start();
    Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.detachAndStopAllAppenders();
    root.setLevel(debug ? Level.DEBUG : file == null ? Level.WARN : Level.INFO);
    root.addAppender(appender);
    if (debug) {
      System.setProperty("loomvisor.debug", "true");
    }
  }

  /**
   * Lines with time and source, but for what --strace prints: that stands alone, as strace(1)
   * prints it.
   */
  private static PatternLayout layout(LoggerContext context) {
    PatternLayout layout =
        new PatternLayout() {
          @Override
          public String doLayout(ILoggingEvent event) {
            boolean strace = event.getLoggerName().equals("strace");
            return strace
                ? event.getFormattedMessage() + System.lineSeparator()
                : super.doLayout(event);
          }
        };
    layout.setContext(context);
    layout.setPattern("%d{HH:mm:ss.SSS} %-5level %logger{0}: %msg%n");
    layout.start();
    return layout;
  }

  private static OutputStreamAppender<ILoggingEvent> console() {
    ConsoleAppender<ILoggingEvent> a = new ConsoleAppender<>();
    a.setTarget("System.err");
    return a;
  }

  private static OutputStreamAppender<ILoggingEvent> file(Path path) {
    FileAppender<ILoggingEvent> a = new FileAppender<>();
    a.setFile(path.toString());
    a.setAppend(true);
    return a;
  }
}
