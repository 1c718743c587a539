#include <stdio.h>
#include <string.h>

/* With a fourth argument, fail unless the value is this one. */
int main(int argc, char *argv[])
{
    char line[256];
    FILE *file;

    if (argc < 3)
        return puts(GREETING) < 0;
    file = fopen(argv[1], "r");
    while (file && fgets(line, sizeof line, file)) {
        char *value = strchr(line, '=');
        if (!value)
            continue;
        *value++ = '\0';
        value[strcspn(value, "\n")] = '\0';
        if (strcmp(line, argv[2]) == 0) {
            puts(value);
            return argc > 3 && strcmp(value, argv[3]) != 0;
        }
    }
    return 1;
}
