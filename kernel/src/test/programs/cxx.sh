# needs: g++ make
# Link-time optimization with parallel jobs, exceptions in threads, the shadow memory of a sanitizer.
d=$(mktemp -d) && cd "$d" || exit 1
cat > a.cc <<'END'
#include <cstdio>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>
int twice(int);
int main() {
  std::vector<std::thread> threads;
  std::vector<long> sums(8);
  for (int i = 0; i < 8; i++)
    threads.emplace_back([&sums, i] {
      try {
        for (int j = 0; j < 100000; j++) sums[i] += j * i;
        throw std::runtime_error("thrown");
      } catch (const std::exception &e) {
        sums[i] += std::string(e.what()).size();
      }
    });
  for (auto &t : threads) t.join();
  long total = 0;
  for (long s : sums) total += s;
  std::map<std::string, int> m{{"x", twice(21)}};
  std::printf("%ld %d\n", total, m["x"]);
  return 5;
}
END
echo 'int twice(int x) { return 2 * x; }' > b.cc
printf 'CXXFLAGS = -O2 -flto=2 -pthread\nab: a.o b.o\n\t$(CXX) $(CXXFLAGS) -o $@ $^\n' > Makefile
make -s -j4; ./ab; echo "status $?"
ls *.o | sort; make -q; echo "up to date $?"
g++ -g -fsanitize=undefined,address -pthread a.cc b.cc -o checked 2>/dev/null && ASAN_OPTIONS=detect_leaks=0 ./checked; echo "status $?"
strip ab && ./ab; size ab >/dev/null; echo "size $?"
cd / && rm -rf "$d"
