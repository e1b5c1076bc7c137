//! What the hunt pane is made of: the text of a query (`editor`), where one query ends and the next begins (`blocks`),
//! what is known of it (`understand`), and what can stand at the cursor (`popup`). Nothing here draws.

pub mod blocks;
pub mod editor;
pub mod popup;
pub mod understand;
