# needs: gcc
d=$(mktemp -d) && cd "$d" || exit 1
cat > a.c <<'END'
#include <stdio.h>
#include <stdlib.h>
#include <math.h>
#include <pthread.h>
static void *f(void *p) { *(double *)p = sqrt(*(double *)p); return p; }
int main(int c, char **v) { double d = 2; pthread_t t; pthread_create(&t, 0, f, &d); pthread_join(t, 0);
  printf("%d %s %.9f\n", c, c > 1 ? v[1] : "-", d); return 42; }
END
gcc -O2 -Wall -o a a.c -lm -pthread && ./a x; echo "status $?"
gcc -static -O1 -o s a.c -lm -pthread && ./s; echo "status $?"
gcc -g -c a.c && gcc -o b a.o -lm -pthread && ./b y; echo "status $?"
gcc -shared -fPIC -o liba.so -x c - <<'END'
int answer(void) { return 42; }
END
printf 'int answer(void); int main(void) { return answer(); }\n' > m.c; gcc -o m m.c -L. -la -Wl,-rpath,"$d" && ./m; echo "status $?"
echo 'int main(void) { return x; }' > bad.c; gcc bad.c 2>&1 | grep -c error; ar rcs l.a a.o && ar t l.a; nm a.o | grep -c ' T '; strip a && ./a z; objdump -f a | grep -c architecture; size a >/dev/null; echo "size $?"
cd / && rm -rf "$d"
