/* Print the line that occurs most often in a text. */
#include <tally.h>

int main(void)
{
    struct tally tally = {0};

    if (tally_read(&tally, stdin) != 0) {
        perror("favourite");
        tally_free(&tally);
        return 1;
    }
    tally_sort(&tally);
    if (tally.length > 0)
        puts(tally.lines[0].text);
    tally_free(&tally);
    return 0;
}
