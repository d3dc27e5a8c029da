package io.loomvisor.benchmarks.report;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * A program that is told how many operations to do and answers how many nanoseconds they took. Some
 * of them take turns, so that whatever else the machine does meanwhile falls on all.
 */
final class TurnTaker implements AutoCloseable {
  private final Process process;
  private final BufferedReader answers;
  private final Writer requests;
  private final Path complaints;
  private final Duration patience;

  /**
   * @param patience how long an answer may take
   */
  TurnTaker(ProcessBuilder builder, Duration patience) throws IOException {
    this.patience = patience;
    complaints = Files.createTempFile("benchmarks-", ".err");
    try {
      process = builder.redirectError(complaints.toFile()).start();
    } catch (IOException e) {
      Files.delete(complaints);
      throw e;
    }
    answers = process.inputReader();
    requests = process.outputWriter();
  }

  /** One that runs {@code works} and is ready for requests. */
  static TurnTaker works(Environment environment, Programs programs, Duration patience)
      throws IOException {
    TurnTaker taker = new TurnTaker(environment.starting(programs.works()), patience);
    try {
      while (!taker.line().equals("ready")) {
        // A system that boots says this and that before.
      }
      return taker;
    } catch (IOException e) {
      taker.kill();
      throw e;
    }
  }

  Process process() {
    return process;
  }

  String line() throws IOException {
    CompletableFuture<String> line = new CompletableFuture<>();
    Thread.startVirtualThread(
        () -> {
          try {
            line.complete(answers.readLine());
          } catch (IOException e) {
            line.completeExceptionally(e);
          }
        });
    try {
      String read = line.get(patience.toMillis(), TimeUnit.MILLISECONDS);
      if (read == null) {
        throw new IOException("ended early" + complaint());
      }
      return read;
    } catch (TimeoutException e) {
      throw new IOException("no answer in " + patience.toSeconds() + " s", e);
    } catch (ExecutionException e) {
      throw new IOException("no answer: " + e.getCause().getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** The last thing it said on standard error. */
  private String complaint() throws IOException {
    List<String> lines = Files.readString(complaints).lines().filter(l -> !l.isBlank()).toList();
    return lines.isEmpty() ? "" : ": " + lines.getLast();
  }

  /** The numbers answered to a request. */
  double[] ask(String request) throws IOException {
    try {
      requests.write(request + "\n");
      requests.flush();
    } catch (IOException e) {
      throw new IOException("ended early" + complaint(), e);
    }
    String answer = line();
    try {
      return Stream.of(answer.strip().split(" ")).mapToDouble(Double::parseDouble).toArray();
    } catch (NumberFormatException e) {
      throw new IOException("answered: " + answer, e);
    }
  }

  /** Nanoseconds for one operation, over a batch of them. */
  double batch(String work, int count) throws IOException {
    return ask((work + " " + count).strip())[0] / count;
  }

  /** The end of its input is the end of it. */
  @Override
  public void close() throws IOException {
    try {
      requests.close();
      if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        kill();
      }
    } catch (IOException e) {
      kill(); // it has ended before
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      Files.deleteIfExists(complaints);
    }
  }

  /** It and all that it has started. */
  void kill() throws IOException {
    List<ProcessHandle> all =
        Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
    all.forEach(ProcessHandle::destroyForcibly);
    Files.deleteIfExists(complaints);
  }
}
