# SPDX-License-Identifier: GPL-3.0-or-later
# How every target of the house is built: language, warnings, sanitizers, one function a kind of target.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_AUTOMOC OFF) # no room has meta-objects; tests see to their own in tollgate_test()
set(CMAKE_AUTOUIC OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

option(TOLLGATE_WERROR "Treat warnings as errors" ON)
set(TOLLGATE_SANITIZE "" CACHE STRING "Sanitizers to build with: address,undefined or thread")
option(TOLLGATE_FUZZ "Build the fuzz targets: clang only" OFF)
set(TOLLGATE_FIXTURES "" CACHE PATH
    "Folder with recorded provider traffic and HTTP/JSON vectors; tests that need it skip without")

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
    # Objects are found again whatever folder the clone and its build are in.
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
        CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=true CCACHE_ABSSTDERR=true
        CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
        ${CCACHE_PROGRAM})
endif()

add_library(tollgate_options INTERFACE)
target_include_directories(tollgate_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_definitions(tollgate_options INTERFACE
    QT_NO_CAST_FROM_ASCII QT_NO_CAST_TO_ASCII QT_NO_CAST_FROM_BYTEARRAY
    QT_NO_URL_CAST_FROM_STRING QT_NO_KEYWORDS QT_STRICT_ITERATORS
    QT_NO_NARROWING_CONVERSIONS_IN_CONNECT QT_NO_FOREACH QT_NO_CONTEXTLESS_CONNECT
    TOLLGATE_VERSION="${PROJECT_VERSION}")
if(MSVC)
    target_compile_options(tollgate_options INTERFACE /W4 /utf-8 /permissive-)
else()
    target_compile_options(tollgate_options INTERFACE
        -Wall -Wextra -Wpedantic -Wshadow -Woverloaded-virtual -Wold-style-cast
        -Wno-missing-field-initializers # every member of our structs has its default
        $<$<BOOL:${TOLLGATE_WERROR}>:-Werror>)
    if(NOT TOLLGATE_SANITIZE)
        target_compile_options(tollgate_options INTERFACE -fstack-protector-strong
            $<$<CONFIG:Release,RelWithDebInfo>:-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2>)
    endif()
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND TOLLGATE_SANITIZE)
        # g++ 12 reports maybe-uninitialized and null-dereference falsely under the sanitizers.
        target_compile_options(tollgate_options INTERFACE -Wno-maybe-uninitialized)
    endif()
endif()
if(UNIX AND NOT APPLE)
    target_link_options(tollgate_options INTERFACE -Wl,-z,relro,-z,now)
endif()
if(TOLLGATE_FUZZ)
    # Every room tells libFuzzer which ways were taken; only the targets link its main.
    add_compile_options(-fsanitize=fuzzer-no-link "SHELL:-Xclang -fno-pch-timestamp")
endif()
if(TOLLGATE_SANITIZE)
    add_compile_options(-fsanitize=${TOLLGATE_SANITIZE} -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${TOLLGATE_SANITIZE})
endif()

# The headers that nearly every file includes are compiled once and shared: g++ takes five seconds and
# 120 MB each time. They are named as the compiler finds them, not by a path, so that ccache knows
# them again in another folder.
function(tollgate_share_headers name owner)
    if(name STREQUAL owner)
        target_precompile_headers(${name} PRIVATE ${ARGN})
    else()
        target_precompile_headers(${name} REUSE_FROM ${owner})
    endif()
endfunction()

# tollgate_room(NAME SOURCES ... LINK ...): one static library a room. LINK is the arrow in the
# picture of the house; it may only point down.
function(tollgate_room name)
    cmake_parse_arguments(ROOM "" "" "SOURCES;LINK" ${ARGN})
    add_library(${name} STATIC ${ROOM_SOURCES})
    target_link_libraries(${name} PUBLIC tollgate_options ${ROOM_LINK})
    tollgate_share_headers(${name} tollgate_base <cmake/precompiled.h>)
endfunction()

# tollgate_codec(NAME SOURCES ...): one dialect's codec.
function(tollgate_codec name)
    cmake_parse_arguments(CODEC "" "" "SOURCES;LINK" ${ARGN})
    add_library(${name} STATIC ${CODEC_SOURCES})
    target_link_libraries(${name} PUBLIC tollgate_options tollgate_conversation ${CODEC_LINK})
    tollgate_share_headers(${name} tollgate_base)
endfunction()

# tollgate_test(NAME SOURCES ... LINK ... [LABELS ...] [TIMEOUT S] [RESOURCE_LOCK L]): one Qt Test
# program and its CTest entry. TOLLGATE_FIXTURES reaches it through the environment.
function(tollgate_test name)
    cmake_parse_arguments(TEST "" "TIMEOUT" "SOURCES;LINK;LABELS;ENV;RESOURCE_LOCK" ${ARGN})
    add_executable(${name} ${TEST_SOURCES})
    target_link_libraries(${name} PRIVATE tollgate_options Qt6::Test ${TEST_LINK})
    get_property(first GLOBAL PROPERTY TOLLGATE_FIRST_TEST)
    if(NOT first)
        set(first ${name})
        set_property(GLOBAL PROPERTY TOLLGATE_FIRST_TEST ${name})
    endif()
    tollgate_share_headers(${name} ${first} <cmake/precompiled.h> <QtTest/qtestcase.h>)
    # Without AUTOMOC, which would scan and compile more than the class in each test's own source.
    target_include_directories(${name} PRIVATE ${CMAKE_CURRENT_BINARY_DIR})
    foreach(source ${TEST_SOURCES})
        if(source MATCHES "^(test_.*)\\.cpp$")
            set(moc ${CMAKE_CURRENT_BINARY_DIR}/${CMAKE_MATCH_1}.moc)
            qt_generate_moc(${source} ${moc} TARGET ${name})
            target_sources(${name} PRIVATE ${moc})
        endif()
    endforeach()
    add_test(NAME ${name} COMMAND ${name})
    if(NOT TEST_TIMEOUT)
        set(TEST_TIMEOUT 120)
    endif()
    set_tests_properties(${name} PROPERTIES TIMEOUT ${TEST_TIMEOUT} LABELS "${TEST_LABELS}"
        ENVIRONMENT "TOLLGATE_FIXTURES=${TOLLGATE_FIXTURES};${TEST_ENV}")
    if(TEST_RESOURCE_LOCK)
        set_tests_properties(${name} PROPERTIES RESOURCE_LOCK "${TEST_RESOURCE_LOCK}")
    endif()
endfunction()
