# needs: javac
# Compiler and JIT, every collector of the JDK, platform and virtual threads, processes, mapped files, a shutdown hook.
d=$(mktemp -d) && cd "$d" || exit 1
cat > Main.java <<'END'
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.*;
import java.util.concurrent.*;
import java.util.concurrent.atomic.AtomicLong;

public class Main {
  public static void main(String[] args) throws Exception {
    AtomicLong sum = new AtomicLong();
    ExecutorService pool = Executors.newFixedThreadPool(8);
    for (int i = 0; i < 200; i++) {
      int n = i;
      pool.submit(() -> { byte[] garbage = new byte[200_000]; garbage[n] = 1; sum.addAndGet(n + garbage[n]); });
    }
    pool.shutdown();
    System.out.println(pool.awaitTermination(60, TimeUnit.SECONDS) + " " + sum);
    System.gc();
    Process p = new ProcessBuilder("sh", "-c", "cat; exit 3").redirectErrorStream(true).start();
    p.outputWriter().append("through cat\n").close();
    System.out.println(p.inputReader().readLine() + " " + p.waitFor());
    Path file = Files.createTempFile(Path.of("."), "m", null);
    try (FileChannel c = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      c.map(FileChannel.MapMode.READ_WRITE, 0, 8192).put(5000, (byte) 42);
      ByteBuffer b = ByteBuffer.allocate(1);
      System.out.println(c.read(b, 5000) + " " + b.get(0) + " " + c.size());
    }
    try { recurse(0); } catch (StackOverflowError e) { System.out.println("deep enough"); }
    try { Object[] o = new Object[Integer.MAX_VALUE / 4]; System.out.println(o.length); }
    catch (OutOfMemoryError e) { System.out.println("heap is full"); }
    String s = null;
    for (int i = 0; i < 3; i++) try { s.length(); } catch (NullPointerException e) { System.out.println("null " + i); }
    Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("hook")));
    System.exit(4);
  }
  static int recurse(int n) { return recurse(n + 1) + 1; }
}
END
javac Main.java || exit 1
for gc in Serial Parallel G1; do java -Xmx64m -XX:+Use${gc}GC Main; echo "$gc: $?"; done
cd / && rm -rf "$d"
