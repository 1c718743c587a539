%__cmake                /usr/bin/cmake
%__ctest                /usr/bin/ctest
%cmake                  %set_build_flags \
%{__cmake} -S "%{_vpath_srcdir}" -B "%{_vpath_builddir}" -DCMAKE_INSTALL_PREFIX:PATH=%{_prefix} \\\
    -DCMAKE_INSTALL_LIBDIR:PATH=%{_lib} -DBUILD_SHARED_LIBS:BOOL=ON
%cmake_build            %{__cmake} --build "%{_vpath_builddir}" %{?_smp_mflags} --verbose
%cmake_install          DESTDIR="%{buildroot}" %{__cmake} --install "%{_vpath_builddir}"
%ctest                  %{__ctest} --test-dir "%{_vpath_builddir}" --output-on-failure
