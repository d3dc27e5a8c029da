# needs: java javac
d=$(mktemp -d) && cd "$d" || exit 1
cat > A.java <<'END'
import java.nio.file.*; import java.util.*; import java.util.concurrent.*; import java.util.stream.*;
public class A { public static void main(String[] a) throws Exception {
  System.out.println("args " + a.length + " " + IntStream.range(0, 1000).parallel().sum());
  ExecutorService e = Executors.newFixedThreadPool(4); List<Future<Integer>> l = new ArrayList<>(); for (int i = 0; i < 20; i++) { int n = i; l.add(e.submit(() -> n * n)); }
  int s = 0; for (Future<Integer> f : l) s += f.get(); System.out.println(s); e.shutdown();
  Path p = Files.createTempFile("x", "y"); Files.writeString(p, "hello"); System.out.println(Files.size(p) + " " + Files.readString(p)); Files.delete(p);
  Process q = new ProcessBuilder("sh", "-c", "echo child; exit 4").start(); System.out.print(new String(q.getInputStream().readAllBytes())); System.out.println(q.waitFor()); System.exit(6); } }
END
javac A.java && java -cp . A x y; r=$?; cd / && rm -rf "$d"; exit $r
