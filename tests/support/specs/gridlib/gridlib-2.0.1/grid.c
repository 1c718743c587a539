#include <stdlib.h>

#include "grid.h"

int grid_distance(int x, int y)
{
    return abs(x) + abs(y);
}
