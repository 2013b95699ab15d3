//! Questions and orders in plain words, and their answers: what a chat, a Slack command and `foreroute status` share.
//!
//! A phrase becomes an [`intent::Intent`] ([`phrase::parse`]); whoever has the engine or the store gathers what is asked for
//! as plain facts; facts become a [`page::Page`], which prints as text, in a terminal, or as blocks of Slack. Nothing here
//! reads or decides anything, so every phrase and every answer can be tried without a server.
//!
//! | part | what it does |
//! |---|---|
//! | [`phrase`] | English and Korean to an intent; what it cannot understand it says |
//! | [`order`] | the phrases that act, which are read strictly: a question or a doubt never acts |
//! | [`lexicon`], [`names`], [`word`] | the words of both languages, names of channels and classes, how a text is cut |
//! | [`help`] | what can be asked, with an example of each in both languages |
//! | [`answer`] | facts to pages |
//! | [`page`], [`spark`], [`slack`] | pages to text, terminals and blocks, with small charts |

pub mod answer;
pub mod facts;
pub mod figure;
pub mod help;
pub mod intent;
pub mod lexicon;
pub mod names;
pub mod order;
pub mod page;
pub mod phrase;
pub mod slack;
pub mod spark;
pub mod word;
