/* Return the number of words that end before the null pointer. */
int tally(char *words[]);
