package io.loomvisor.runtime.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
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
    LineLayout layout = new LineLayout();
    layout.setContext(context);
    layout.start();
    encoder.setLayout(layout);
    encoder.start();
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
