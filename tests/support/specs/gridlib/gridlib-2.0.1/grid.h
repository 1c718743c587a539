int grid_distance(int x, int y);
