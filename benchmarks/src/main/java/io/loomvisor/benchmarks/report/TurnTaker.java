package io.loomvisor.benchmarks.report;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.util.List;

/**
 * A program that is told how many operations to do and answers how many nanoseconds they took. Two
 * of them take turns, so that whatever else the machine does meanwhile falls on both.
 */
final class TurnTaker implements AutoCloseable {
  private final Process process;
  private final BufferedReader answers;
  private final Writer requests;

  TurnTaker(List<String> command) throws IOException {
    process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    answers = process.inputReader();
    requests = process.outputWriter();
  }

  String line() throws IOException {
    String line = answers.readLine();
    if (line == null) {
      throw new IOException("the program ended early");
    }
    return line;
  }

  /** Nanoseconds for one operation, over a batch of them. */
  double batch(int count) {
    return Double.parseDouble(ask(count)) / count;
  }

  /** What the program answers to a count. */
  String ask(int count) {
    try {
      requests.write(count + "\n");
      requests.flush();
      return line();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    requests.close();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
