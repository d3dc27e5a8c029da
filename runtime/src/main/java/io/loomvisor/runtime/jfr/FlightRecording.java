package io.loomvisor.runtime.jfr;

import io.loomvisor.gofer.jfr.GoferRequestEvent;
import io.loomvisor.kernel.jfr.KernelEvents;
import io.loomvisor.scheduler.jfr.SchedulerEvents;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Name;
import jdk.jfr.Recording;

/**
 * One recording, from before the lock to the end of the sandbox.
 *
 * <p>The recorder writes to a file of its repository that it opens when it starts, opens others
 * when that is full and when a recording ends, and none of the latter is possible under the lock.
 * So there is one such file, as long as the sandbox lives (the launcher says so with {@code
 * -XX:FlightRecorderOptions=maxchunksize}); it gets the name that the user wants as soon as it is
 * there, what has been recorded is flushed to it every second, and at the end we close it ourselves
 * ({@link ChunkFile}) instead of the recorder.
 */
public final class FlightRecording {
  /** The launcher sets it to the directory that it has made for the recorder. */
  public static final String REPOSITORY = "loomvisor.jfr.repository";

  private static final Duration PERIOD = Duration.ofSeconds(1);

  private static final Duration SAMPLE_PERIOD = Duration.ofMillis(20);

  /** Not under the lock: a thread that is sampled waits in rt_sigsuspend(2). */
  private static final String SAMPLE = "jdk.ExecutionSample";

  private static final String OURS = "io.loomvisor.";

  /** Of the JDK's own events those that explain pauses of the sentry. */
  private static final List<String> OF_THE_JDK =
      List.of("jdk.GarbageCollection", "jdk.JavaMonitorEnter", "jdk.VirtualThreadPinned");

  /** Under the lock nobody may look whether the repository is still there. */
  private static volatile boolean removed;

  private final Recording recording;
  private final ChunkFile chunk;

  private FlightRecording(Recording recording, ChunkFile chunk) {
    this.recording = recording;
    this.chunk = chunk;
  }

  /**
   * Starts it; needs a process without lock.
   *
   * @param file where to; what is there is replaced
   * @param locked the lock is to come: only events that can be had under it
   * @param settings of events, as in {@code .jfc} files: {@code NAME#SETTING} to value
   */
  public static FlightRecording start(Path file, boolean locked, Map<String, String> settings)
      throws IOException {
    Path repository = Path.of(System.getProperty(REPOSITORY));
    try {
      Flush flush = Flush.find();
      Recording recording = new Recording();
      for (Class<? extends Event> event : events()) {
        FlightRecorder.register(event);
        recording.enable(event.getAnnotation(Name.class).value()); // as settings name it
      }
      OF_THE_JDK.forEach(recording::enable);
      if (!locked) {
        recording.enable(SAMPLE).withPeriod(SAMPLE_PERIOD);
      }
      Map<String, String> all = recording.getSettings();
      all.putAll(settings);
      recording.setSettings(all);
      recording.start();
      Files.move(chunkIn(repository), file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      FlightRecording started = new FlightRecording(recording, new ChunkFile(file, flush));
      Thread.ofPlatform().daemon().name("jfr-flush").start(started::flushAgainAndAgain);
      return started;
    } finally {
      removeAll(repository);
      removed = true;
    }
  }

  private static List<Class<? extends Event>> events() {
    List<Class<? extends Event>> all = new ArrayList<>(KernelEvents.ALL);
    all.addAll(SchedulerEvents.ALL);
    all.add(GoferRequestEvent.class);
    return all;
  }

  private static Path chunkIn(Path repository) throws IOException {
    try (Stream<Path> files = Files.walk(repository)) {
      return files
          .filter(p -> p.toString().endsWith(".jfr"))
          .findFirst()
          .orElseThrow(() -> new IOException("the recorder has made no file in " + repository));
    }
  }

  /** Removes the directory that the launcher has made, if it is still there. */
  public static void removeRepository() {
    String repository = System.getProperty(REPOSITORY);
    if (repository != null && !removed && Files.isDirectory(Path.of(repository))) {
      try {
        removeAll(Path.of(repository));
      } catch (IOException e) {
        System.err.println("loomvisor: " + repository + " cannot be removed: " + e.getMessage());
      }
    }
  }

  private static void removeAll(Path directory) throws IOException {
    List<Path> all;
    try (Stream<Path> files = Files.walk(directory)) {
      all = files.toList();
    }
    for (Path p : all.reversed()) {
      Files.delete(p);
    }
  }

  private void flushAgainAndAgain() {
    try {
      while (true) {
        Thread.sleep(PERIOD);
        chunk.flush();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether the event {@code name} can be recorded under the lock, which others get killed by. */
  public static boolean safe(String name) {
    return name.startsWith(OURS) || OF_THE_JDK.contains(name);
  }

  /** Makes the file whole. The process must end then: the recorder does not know. */
  public void finish() throws IOException {
    assert recording.getState() == jdk.jfr.RecordingState.RUNNING;
    chunk.close();
  }
}
